/* The command line of `wspcheck run` and `wspcheck drive`. */
#ifndef WSPCHECK_COMMAND_H
#define WSPCHECK_COMMAND_H

#include <wchar.h>

/* The arguments as UTF-8; they live as long as the process. */
char **command_arguments(int count, wchar_t **wide);

/* Runs cases; gives the exit code. */
int command_run(int count, char **arguments);
/* Makes calls as they are asked for on stdin (drive.h). */
int command_drive(int count, char **arguments);

/* Reports what the provider shows of each entry, without running a case; gives the exit
 * code. */
int command_probe(int count, char **arguments);

#endif
