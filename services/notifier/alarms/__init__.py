"""What the operator must hear of: boards that fell silent, mails that do not arrive, a sender that loses its good name.

`facts` are what `repository.alarms` found, `mails` and `boards` say what is wrong with them, `memory` what of it is news, and
`looking.look` brings these together at a tick.
"""
