"""What a customer is worth: probabilistic models, a machine-learned challenger, a backtest.

Purchases: MBG/NBD (Batislam, Denizel and Filiztekin 2007), with BG/NBD (Fader, Hardie and Lee
2005) as the reference. Spend per purchase: Gamma-Gamma (Fader and Hardie 2013). Time is in
weeks, money in the currency of the data.
"""
