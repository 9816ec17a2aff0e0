package main

const revision = 1
