#include "cpus.h"

#include <sched.h>
#include <unistd.h>

/* Where this process is pinned; a fork's child is pinned like its parent. */
static int pinned = -1;

int cpus_online(void)
{
	return (int)sysconf(_SC_NPROCESSORS_ONLN);
}

bool cpu_pin(int cpu)
{
	cpu_set_t cpus;

	if (cpu == pinned)
		return true;
	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus) < 0)
		return false;
	pinned = cpu;
	return true;
}
