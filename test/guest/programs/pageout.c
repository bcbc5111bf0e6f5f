/* Pages memory out, reads it back, and says what it was given: its arguments, its folder, its environment, a file. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define BYTES (16UL * 1024 * 1024)
#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

extern char **environ;

static unsigned long page_out(void)
{
	char *memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long wrong = 0;

	for (unsigned long i = 0; i < BYTES; i++)
		memory[i] = (char)(i * 7 + i / 4096);
	if (madvise(memory, BYTES, MADV_PAGEOUT) != 0)
		perror("madvise");
	for (unsigned long i = 0; i < BYTES; i++)
		wrong += memory[i] != (char)(i * 7 + i / 4096);
	return wrong;
}

int main(int count, char **words)
{
	char text[4096] = "";
	FILE *file = fopen("data.txt", "r");

	printf("wrong bytes %lu\n", page_out());
	for (int i = 0; i < count; i++)
		printf("argument %d <%s>\n", i, words[i]);
	for (char **variable = environ; *variable != NULL; variable++)
		printf("environment %s\n", *variable);
	printf("folder %s\n", getcwd(text, sizeof(text)));
	if (file != NULL && fgets(text, sizeof(text), file) != NULL)
		printf("file %s\n", text);
	fprintf(stderr, "done\n");
	return 0;
}
