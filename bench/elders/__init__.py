"""How well elders are understood: in rooms and noise, in mis-heard words, among 20,000 titles, against two baselines."""
