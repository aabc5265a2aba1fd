"""How fast a host is asked, by the whole fleet: its rate, its robots.txt, its turns within a batch, tries again."""
