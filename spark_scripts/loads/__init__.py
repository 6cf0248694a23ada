"""The bookkeeping of a load in main: its record, the listeners that it recomputes, and schema `candidate`."""
