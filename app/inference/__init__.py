"""A radiograph in, drafts out: torch inside, plain data outside."""

import os

# Before torch loads its OpenMP: threads that wait for one another sleep instead of spinning, so
# that the window stays fluid while a draft is made, and a busy machine isn't made busier. An
# environment that says otherwise is left alone.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
