"""Does to the local stack what an operator does to a new AWS account: secrets and a mail sender.

Reads the names and values of the secrets from the JSON file that its argument names; prints the
outputs of the stack as JSON. Idempotent. The emulator's address comes from AWS_ENDPOINT_URL.
"""

import json
import pathlib
import sys

import boto3

STACK, SENDER, SECRETS = sys.argv[1:]


def put_secret(client, name, value):
    """Creates the secret, or gives it a new value where it exists."""
    text = value if isinstance(value, str) else json.dumps(value)
    try:
        client.create_secret(Name=name, SecretString=text)
    except client.exceptions.ResourceExistsException:
        client.put_secret_value(SecretId=name, SecretString=text)


def verify_sender(client, identity):
    """Registers the domain that e-mail is sent from; the emulator takes it as verified."""
    try:
        client.create_email_identity(EmailIdentity=identity)
    except client.exceptions.AlreadyExistsException:
        pass


def outputs(client, stack):
    """Returns the outputs of the stack by name."""
    found = client.describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
    return {output["OutputKey"]: output["OutputValue"] for output in found}


def main():
    secrets = boto3.client("secretsmanager")
    for name, value in json.loads(pathlib.Path(SECRETS).read_text()).items():
        put_secret(secrets, name, value)
    verify_sender(boto3.client("sesv2"), SENDER)
    print(json.dumps(outputs(boto3.client("cloudformation"), STACK)))


if __name__ == "__main__":
    main()
