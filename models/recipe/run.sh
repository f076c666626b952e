#!/bin/sh
# The whole recipe, in about 34 minutes on one thread (two were slower on a machine with two).
# Needs python3 with numpy and torch 1.13, and Node with this project's packages installed.
# Times are in seconds, so a faster machine trains for more steps and gets another model.
set -e; . ./env.sh
python3 tok.py 1050 330                                                 # tok.json, about 6 s
python3 train.py 1900 phaseA.pt 256 5 4 384                             # was stopped at 1361 s (progress 0.716)
SEED=2 P0=.66 python3 train.py 700 phaseB.pt 256 5 4 384 phaseA.pt      # the last third of the schedule again
python3 gguf_write.py phaseB.pt model.gguf q8_0
python3 checks.py 20; node check.mjs model.gguf                         # 433 of 478 for the model that is shipped
