"""Verifies a webhook that Omnicord signed, with the scheme's reference library.

Reads {"secret": "its name", "headers": {…}, "body": "…"} from standard input; fails with the
library's words where the webhook is not authentic. Secrets come from the file that the argument
names.
"""

import json
import pathlib
import sys

from standardwebhooks import Webhook


def main():
    known = json.loads(pathlib.Path(sys.argv[1]).read_text())
    order = json.load(sys.stdin)
    Webhook(known[order["secret"]]["key"]).verify(order["body"], order["headers"])


if __name__ == "__main__":
    main()
