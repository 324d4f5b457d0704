"""What holds for every test."""

from hypothesis import settings

# A busy machine is no defect: how long an example takes is never judged.
settings.register_profile("yaolink", deadline=None)
settings.load_profile("yaolink")
