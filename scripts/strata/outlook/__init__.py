"""What lies ahead: monthly revenue, and customers who may stay away; each with its backtest.

The models of models/outputs/ and `strata backtest --of` call the same functions.
"""
