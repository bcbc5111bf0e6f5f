/*
 * The cgroup that the workload's processes live in, and nobody else: pages that they bring are charged to it, so that
 * reclaim can be told to look at them alone.
 */
#ifndef CGROUP_H
#define CGROUP_H

#include <stdbool.h>

/* Makes the cgroup. Kernels that have none carry out everything but evict. */
void cgroup_prepare(void);
/* Moves the calling process into it; children follow. */
void cgroup_join(void);
/*
 * Has the kernel reclaim everything in it that is not locked, until it finds no more. NULL when that was done, else what
 * is missing or went wrong.
 */
const char *cgroup_reclaim(void);

/* A cgroup for a person's own program, so that its processes are known whatever they do. False where there are none. */
bool cgroup_make_program(void);
void cgroup_join_program(void);
/* Processes in it that live. */
int cgroup_program_count(void);
/* Processes in it that the kernel ended because memory ran out. */
unsigned long long cgroup_program_oom_kills(void);
/* Kills them all at once: none can escape by forking. */
void cgroup_kill_program(void);

#endif
