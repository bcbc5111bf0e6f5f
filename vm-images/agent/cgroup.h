/*
 * The cgroup that the workload's processes live in, and nobody else: pages that they bring are charged to it, so that
 * reclaim can be told to look at them alone.
 */
#ifndef CGROUP_H
#define CGROUP_H

/* Makes the cgroup. Kernels that have none carry out everything but evict. */
void cgroup_prepare(void);
/* Moves the calling process into it; children follow. */
void cgroup_join(void);
/*
 * Has the kernel reclaim everything in it that is not locked, until it finds no more. NULL when that was done, else what
 * is missing or went wrong.
 */
const char *cgroup_reclaim(void);

#endif
