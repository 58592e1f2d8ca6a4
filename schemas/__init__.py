"""What is true of the tables: their columns, the checks on their rows, and the vocabulary of labels.

`tables` declares each table once (pandera model, key, meaning of each column); `validate` splits rows
into those that pass and those that go to quarantine; `vocabulary` loads the lexicons, measures, units
and places that the rules of `flows` read. Nothing here imports from `flows` or `storage`.
"""
