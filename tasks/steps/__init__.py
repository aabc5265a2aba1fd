"""The steps of a report, in the words of the chain, and how a step and a batch are carried out."""
