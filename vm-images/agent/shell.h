/* A busybox shell on the console, for a person. */
#ifndef SHELL_H
#define SHELL_H

#include <sys/types.h>

void shell_start(void);
/* Starts the shell again if this was it. */
void shell_ended(pid_t pid);

#endif
