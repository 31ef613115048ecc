"""The notifier's queries, one module for each concern: the one writer of `shared.models.notifier`'s tables."""
