#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"

#define ROOT "/sys/fs/cgroup"
#define WORKLOAD ROOT "/workload"

/* More than any guest has: reclaim goes on until it finds nothing. */
static const char everything[] = "1T";

static int reclaim_file = -1;

void cgroup_prepare(void)
{
	if (mount("cgroup2", ROOT, "cgroup2", 0, NULL) < 0 && errno != EBUSY)
		return;
	if (!file_write(ROOT "/cgroup.subtree_control", "+memory") || mkdir(WORKLOAD, 0755) < 0)
		return;
	reclaim_file = open(WORKLOAD "/memory.reclaim", O_WRONLY | O_CLOEXEC);
}

void cgroup_join(void)
{
	if (reclaim_file >= 0)
		file_write(WORKLOAD "/cgroup.procs", "0");
}

const char *cgroup_reclaim(void)
{
	if (reclaim_file < 0)
		return "this kernel has no memory.reclaim for cgroups (CONFIG_MEMCG, Linux 5.19)";
	/* EAGAIN: it found less than what was asked for, which is how it always ends. */
	if (pwrite(reclaim_file, everything, sizeof(everything) - 1, 0) < 0 && errno != EAGAIN)
		return "memory.reclaim failed";
	return NULL;
}
