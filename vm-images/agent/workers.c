#include "workers.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup.h"
#include "children.h"
#include "wire.h"

static struct process processes[PROCESSES_MAX];
static int processes_used;
static struct region regions[REGIONS_MAX];
static int regions_used;

int process_count(void)
{
	return processes_used;
}

const struct process *process_get(int process)
{
	return &processes[process];
}

int region_count(void)
{
	return regions_used;
}

const struct region *region_get(int region)
{
	return &regions[region];
}

static bool good_name(const char *name)
{
	return name[0] != '\0' && strlen(name) < NAME_BYTES;
}

static int find_by_name(const char *name)
{
	for (int i = 0; i < processes_used; i++)
		if (strcmp(processes[i].name, name) == 0)
			return i;
	return -1;
}

int process_reserve(const char *name)
{
	if (processes_used == PROCESSES_MAX || !good_name(name) || find_by_name(name) >= 0)
		return -1;
	processes[processes_used] = (struct process){ .pagemap = -1 };
	strcpy(processes[processes_used].name, name);
	return processes_used++;
}

int region_find(const char *name, int process)
{
	for (int i = 0; i < regions_used; i++)
		if (regions[i].mapped_by[process] && strcmp(regions[i].name, name) == 0)
			return i;
	return -1;
}

int region_reserve(const char *name, uint64_t page_count, int process)
{
	/* At least one page stays unmapped behind every region. */
	uint64_t pages_max = REGION_STRIDE / (uint64_t)sysconf(_SC_PAGESIZE) - 1;

	if (regions_used == REGIONS_MAX || !good_name(name) || region_find(name, process) >= 0 || page_count == 0 ||
	    page_count > pages_max)
		return -1;
	regions[regions_used] = (struct region){ .page_count = page_count };
	strcpy(regions[regions_used].name, name);
	return regions_used++;
}

void worker_ended(pid_t pid, int status)
{
	for (int i = 0; i < processes_used; i++) {
		if (processes[i].pid != pid)
			continue;
		processes[i].pid = -1;
		processes[i].status = status;
		close(processes[i].pagemap);
	}
}

/* Waits for a process's answer; false when it ends first. */
static bool await_result(int process, struct op_result *result)
{
	int fd = worker_pipes(process)->result_read;

	while (processes[process].pid > 0) {
		if (wait_for(fd, HEARTBEAT_MS) == WAKE_INPUT)
			return read(fd, result, sizeof(*result)) == sizeof(*result);
		wire_alive(worker_progress());
	}
	return false;
}

static bool adopt(int process, pid_t pid)
{
	char path[32];
	struct op_result ready;

	processes[process].pid = pid;
	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)pid);
	processes[process].pagemap = open(path, O_RDONLY | O_CLOEXEC);
	return await_result(process, &ready);
}

static int start_main(void)
{
	int process = process_reserve("main");
	pid_t pid = fork();

	if (pid == 0) {
		cgroup_join();
		worker_run(process);
	}
	return pid > 0 && adopt(process, pid) ? process : -1;
}

int process_find(const char *name)
{
	int process = find_by_name(name);

	if (process < 0)
		return strcmp(name, "main") == 0 ? start_main() : -1;
	return processes[process].pid > 0 ? process : -1;
}

static void inherit_regions(int parent, int child)
{
	for (int i = 0; i < regions_used; i++)
		regions[i].mapped_by[child] = regions[i].mapped_by[parent];
}

bool workers_call_all(const struct op *op)
{
	bool all = true;

	for (int i = 0; i < processes_used; i++) {
		struct op_result result;

		if (processes[i].pid > 0)
			all &= worker_call(i, op, &result) && result.error == 0;
	}
	return all;
}

bool worker_call(int process, const struct op *op, struct op_result *result)
{
	*result = (struct op_result){ 0 };
	if (write(worker_pipes(process)->op_write, op, sizeof(*op)) != sizeof(*op))
		return false;
	bool answered = await_result(process, result);

	if (op->kind == OP_EXIT)
		return !answered && WIFEXITED(processes[process].status) && WEXITSTATUS(processes[process].status) == 0;
	if (!answered)
		return false;
	if (op->kind == OP_MAP && result->error == 0)
		regions[op->region].mapped_by[process] = true;
	if (op->kind == OP_FORK && result->error == 0) {
		inherit_regions(process, op->child);
		return adopt(op->child, result->child_pid);
	}
	return true;
}
