"""The tensor normal form: which inputs of a traced program cannot influence its outputs, decided exactly and without numbers."""
