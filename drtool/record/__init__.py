"""What a drill writes down: the record, the journal it is made of, the clock, RTA and RPA."""
