"""How a device computes, seen from outside: each probe runs a function on chosen numbers whose exact results are known."""
