"""The Google APIs: one client, its turns under quotas, what answers mean, places in Drive."""
