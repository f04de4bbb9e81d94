"""A program that answers a line of JSON with one, and how long it takes."""

import json
import subprocess
import time

from trouble import Trouble


# Made of flows and facts by the program itself.
VIEWS = {
    "NTANetAnalytics",
    "NTAIpDetails",
    "NTATopologyDetails",
    "AzureNetworkAnalytics_CL",
    "AzureNetworkAnalyticsIPDetails_CL",
    "ASimNetworkSessionLogs",
    "_Im_NetworkSession",
}


def lines(path):
    with open(path) as file:
        return [json.loads(line) for line in file if line.strip()]


class Asked:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, question):
        begun = time.perf_counter()
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        seconds = time.perf_counter() - begun
        if not line:
            raise Trouble(f"`{self.process.args[0]}` ended before it answered", "its own messages stand above")
        return seconds, json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
