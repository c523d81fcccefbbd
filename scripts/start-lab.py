"""Starts JupyterLab. At each start, jsonschema would build a grammar of internationalised addresses, which takes longer
than everything else. Jupyter's schemas have no such addresses, and jsonschema does without where the grammar's package
is not installed."""
import sys

sys.modules["rfc3987_syntax"] = None

from jupyterlab.labapp import main  # noqa: E402

sys.exit(main())
