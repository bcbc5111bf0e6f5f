/*
 * A person's own program: its files are unpacked into a root of its own, it is run there, and what it says and how it ends is
 * reported, whatever it does.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <sys/types.h>

#include "steps.h"

/* Brings the program's files in from a disk. */
void program_unpack(const struct request *request, struct outcome *outcome);
/* Runs it, ends what it leaves behind, and reports the state after it. */
void program_run(const struct request *request, struct outcome *outcome);
/* Called for every child that has ended. */
void program_ended(pid_t pid, int status);

#endif
