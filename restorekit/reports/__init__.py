"""Tables and figures of several test sets in one report, from a folder of recipes."""
