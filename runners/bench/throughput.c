/* How fast 64 KiB sends go through a connection that is read as fast as possible. */
#include "bench.h"

#define CHUNK (64u << 10)

static char chunk[CHUNK];

static DWORD WINAPI drain(void *context)
{
    static char buffer[4 * CHUNK];
    const struct pair *pair = context;

    while (recv(pair->far_end, buffer, sizeof buffer, 0) > 0)
        ;
    return 0;
}

double throughput_round(const struct subject *subject,
                        const struct figure *figure,
                        unsigned count)
{
    struct sockaddr_in name;
    SOCKET listener = far_socket(SOCK_STREAM, &name);
    struct pair pair = connect_pair(subject, figure->type, listener);
    HANDLE thread = CreateThread(NULL, 0, drain, &pair, 0, NULL);
    int error = 0;

    if (!thread)
        give_up("CreateThread", (int)GetLastError());
    double start = now();
    for (unsigned i = 0; i < count; i++)
        subject_send(subject, pair.near_end, chunk, CHUNK);
    if (subject->table.lpWSPShutdown(pair.near_end, SD_SEND, &error))
        give_up("WSPShutdown", error);
    WaitForSingleObject(thread, INFINITE);
    double microseconds = now() - start;

    CloseHandle(thread);
    close_pair(subject, pair);
    closesocket(listener);
    return count * (double)CHUNK / microseconds;
}
