"""What the tests share. The key and the region are in the environment, as for any program that uses boto3."""

import os
import unittest

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["AWS_ENDPOINT_URL_EC2"]
ONCE = Config(retries={"max_attempts": 0})
# The waiters' own delays are made for machines that boot.
QUICKLY = {"Delay": 1, "MaxAttempts": 20}


def client(service="ec2", **more):
    return boto3.client(service, endpoint_url=ENDPOINT, config=ONCE, **more)


class Ec2TestCase(unittest.TestCase):
    """Its tests tell one story: they run in the order of their names."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.ec2 = client()
        cls.resource = boto3.resource("ec2", endpoint_url=ENDPOINT, config=ONCE)

    def refused(self, code, call, message="", status=400, **parameters):
        with self.assertRaises(ClientError) as caught:
            call(**parameters)
        response = caught.exception.response
        self.assertEqual(response["Error"]["Code"], code)
        self.assertIn(message, response["Error"]["Message"])
        self.assertEqual(response["ResponseMetadata"]["HTTPStatusCode"], status)
