"""Shows what deployed functions logged, a line for each event, in the order of time.

    logs.py STACK [--follow] STEP...

Lambda's own lines (START, END, REPORT) and metrics are left out.
"""

import datetime as dt
import json
import sys
import time

import boto3

# Fields that every event has, which begin its line.
HEAD = ("timestamp", "level", "message")
# Milliseconds for which a log is read again: an event may come in after a later one.
OVERLAP = 10_000


def read(step, event):
    """Returns the time and the line of an event, or None if it is not one of ours."""
    text = event["message"].strip()
    if text.startswith(("START RequestId", "END RequestId", "REPORT RequestId")):
        return None
    try:
        said = json.loads(text)
    except ValueError:
        said = {"message": text}
    if "_aws" in said:
        return None
    came_in = dt.datetime.fromtimestamp(event["timestamp"] / 1000, dt.timezone.utc)
    at = said.get("timestamp") or came_in.isoformat(timespec="milliseconds")
    rest = " ".join(f"{name}={value}" for name, value in said.items() if name not in HEAD)
    line = f"{at[11:23]} {step:<18} {said.get('level', ''):<5} {said.get('message', '')} {rest}"
    return at, line.rstrip()


def fetch(client, stack, step, since):
    """Returns the lines of a step's log that came in from that instant on."""
    group = f"/aws/lambda/{stack}-{step}"
    pages = client.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since)
    return filter(None, (read(step, event) for page in pages for event in page["events"]))


def main():
    stack, *rest = sys.argv[1:]
    follow = "--follow" in rest
    steps = [word for word in rest if word != "--follow"]
    client = boto3.client("logs")
    shown, since = set(), 0
    while True:
        now = int(time.time() * 1000)
        found = {pair for step in steps for pair in fetch(client, stack, step, since)}
        for _, line in sorted(found - shown):
            print(line, flush=True)
        if not follow:
            return
        # What came in while the logs were read comes again.
        shown |= found
        since = now - OVERLAP
        time.sleep(1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
