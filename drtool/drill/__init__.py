"""A drill: the scenario that says what it does, the object that it drives, and how it is carried out."""
