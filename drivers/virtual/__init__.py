"""Devices made of software for the demo and the tests.

Written from the manufacturers' command pages, never from our own encoder, so that they can catch its errors.
"""
