# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Peers of either role that keep to the rules."""

from scenarios import Scenarios, whole_life

SCENARIOS = Scenarios()
scenario = SCENARIOS.add


@scenario
def honest(outsider):
    whole_life(outsider)


@scenario
def no_extended_master_secret(outsider):
    outsider.settings.useExtendedMasterSecret = False
    whole_life(outsider)


@scenario
def extended_master_secret(outsider):
    outsider.settings.requireExtendedMasterSecret = True
    whole_life(outsider)
