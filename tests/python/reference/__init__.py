"""The rulebook's models once more, plainly, over the entities: an independent answer.

Written from the text of the rulebook and of DECISIONS.md, not from the SQL. `facts` reads what
was accepted, `measures` counts, `models` has one function a tier model, `compare` holds the
answers against the marts. Run on any build: `python tests/python/reference/compare.py DIR`.
"""
