/* The workload's processes as PID 1 sees them: who lives, who maps which region, and how an op gets to them. */
#ifndef WORKERS_H
#define WORKERS_H

#include <stdbool.h>
#include <sys/types.h>

#include "worker.h"

struct process {
	char name[NAME_BYTES];
	/* 0: not yet started; -1: has ended. */
	pid_t pid;
	/* Wait status after the end. */
	int status;
	int pagemap;
};

struct region {
	char name[NAME_BYTES];
	uint64_t page_count;
	/* The processes that have mapped it or were born with it. */
	bool mapped_by[PROCESSES_MAX];
};

int process_count(void);
const struct process *process_get(int process);
/* Number of a living process, -1 when there is none of that name. "main" is started when it is first named. */
int process_find(const char *name);
/* A number for a process to come; -1 when the name is taken or bad, or there are too many. */
int process_reserve(const char *name);

int region_count(void);
const struct region *region_get(int region);
/* Number of a region that the process has mapped, -1 when there is none. */
int region_find(const char *name, int process);
int region_reserve(const char *name, uint64_t page_count, int process);

/*
 * Carries out an op in a process and keeps the books. False when the process did not live to answer;
 * the op that ends a process is answered by its end.
 */
bool worker_call(int process, const struct op *op, struct op_result *result);
/* The same in every living process; false when it failed in one of them. */
bool workers_call_all(const struct op *op);
/* Called for every child that has ended. */
void worker_ended(pid_t pid, int status);

#endif
