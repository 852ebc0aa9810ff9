"""Reward rules (奖励办法) as data: who may get what for which result, by which computation; plain facts in, an amount with reasons out."""
