"""Prints the environment variables of each deployed function as JSON, by the name of its step.

Creates the FIFO queue that its second argument names, which nothing reads.
"""

import json
import sys

import boto3

STACK, SINK = sys.argv[1:]


def main():
    attributes = {"FifoQueue": "true"}
    sink = boto3.client("sqs").create_queue(QueueName=SINK, Attributes=attributes)["QueueUrl"]
    environments = {}
    for page in boto3.client("lambda").get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            step = function["FunctionName"].removeprefix(f"{STACK}-")
            environments[step] = function["Environment"]["Variables"]
    print(json.dumps({"environments": environments, "sink": sink}))


if __name__ == "__main__":
    main()
