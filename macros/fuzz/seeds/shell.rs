#!/usr/bin/env cargo 'a (
---
[dependencies]
bridgehead = "0.1" # don't
---
#![allow(unused)]
fn main() { bridgehead::sync_call!(f()); }
