/*
 * The guest's processors. PID 1 is pinned to CPU 0, and so is every process of the workload but for ops that
 * name another one, so that the kernel's per-CPU state is worked on by nobody else. Kernel threads and
 * interrupts run where the kernel puts them.
 */
#ifndef CPUS_H
#define CPUS_H

#include <stdbool.h>

int cpus_online(void);

/* Pins the calling process. False with errno set when there is no such CPU. */
bool cpu_pin(int cpu);

#endif
