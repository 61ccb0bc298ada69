"""Several recipes trained alike and compared on the same pictures: what each part of a method is worth."""
