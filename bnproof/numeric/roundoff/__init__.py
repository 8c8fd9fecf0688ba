"""First-order running error: what round-off can do to a program's results, derived for that very program."""
