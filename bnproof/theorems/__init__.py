"""The theorems, one a file, and what belongs to them: glossary, definitions, registry, claims, questions."""
