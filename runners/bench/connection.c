/* Connect, accept and close, both ends being the subject's. */
#include "bench.h"

#include <stdlib.h>

static double
cycle(const struct subject *subject, SOCKET listener, const struct sockaddr_in *name)
{
    double start = now();
    SOCKET caller = subject_socket(subject, SOCK_STREAM);

    subject_connect(subject, caller, name);
    SOCKET callee = subject_accept(subject, listener);
    subject_close(subject, caller);
    subject_close(subject, callee);
    return now() - start;
}

double connection_round(const struct subject *subject,
                        const struct figure *figure,
                        unsigned count)
{
    double *times = allocate(count, sizeof *times);
    SOCKET listener = subject_socket(subject, figure->type);
    struct sockaddr_in name = subject_bind(subject, listener);
    int error = 0;

    if (subject->table.lpWSPListen(listener, SOMAXCONN, &error))
        give_up("WSPListen", error);
    for (unsigned i = 0; i < count / 10; i++)
        cycle(subject, listener, &name);
    for (unsigned i = 0; i < count; i++)
        times[i] = cycle(subject, listener, &name);
    double result = median(times, count);

    subject_close(subject, listener);
    free(times);
    return result;
}
