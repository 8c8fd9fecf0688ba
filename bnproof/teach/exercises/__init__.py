"""Exercises with parameterised numbers: a seed gives a sheet, worked solutions in a document of their own, and a marking scheme.

- `exercise`: what a question, an answer and a typical mistake are;
- `numbers`: exact values of a theorem's own terms, and derivations of which every line is evaluated;
- `template`: one kind of exercise, drawn anew for each seed; `dice`: how numbers are drawn;
- `subjects/`: the templates, grouped as the theorems' chapters are; `registry`: all of them;
- `faults`: what a drawn exercise must not be; `stress`: what a template must not be over many seeds;
- `sheet`: the documents; `marking`: what earns how many marks.
"""
