#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"

#define ROOT "/sys/fs/cgroup"
#define WORKLOAD ROOT "/workload"
#define PROGRAM ROOT "/program"

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

bool cgroup_make_program(void)
{
	return mkdir(PROGRAM, 0755) == 0 && access(PROGRAM "/memory.events", R_OK) == 0;
}

void cgroup_join_program(void)
{
	file_write(PROGRAM "/cgroup.procs", "0");
}

int cgroup_program_count(void)
{
	static char text[1 << 16];
	char *cursor = text;
	int count = 0;

	if (file_read(PROGRAM "/cgroup.procs", text, sizeof(text)) < 0)
		return 0;
	while (next_line(&cursor) != NULL)
		count++;
	return count;
}

unsigned long long cgroup_program_oom_kills(void)
{
	static const char label[] = "\noom_kill ";
	char text[512];
	const char *found = file_read(PROGRAM "/memory.events", text, sizeof(text)) < 0 ? NULL : strstr(text, label);

	return found == NULL ? 0 : strtoull(found + sizeof(label) - 1, NULL, 10);
}

void cgroup_kill_program(void)
{
	file_write(PROGRAM "/cgroup.kill", "1");
}
