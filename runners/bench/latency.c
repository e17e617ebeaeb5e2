/* Ping-pong of small messages with an echo, blocking on both sides. */
#include "bench.h"

#include <stdlib.h>

#define MESSAGE_MAX 64

static DWORD WINAPI echo(void *context)
{
    const struct pair *pair = context;
    char buffer[MESSAGE_MAX];
    int size;

    /* An empty message, or the end of the connection, is the end. */
    while ((size = recv(pair->far_end, buffer, sizeof buffer, 0)) > 0)
        send(pair->far_end, buffer, size, 0);
    return 0;
}

static double turn(const struct subject *subject, SOCKET s, unsigned size)
{
    char message[MESSAGE_MAX] = {0};
    double start = now();

    subject_send(subject, s, message, size);
    for (unsigned left = size; left > 0;)
        left -= subject_receive(subject, s, message, left);
    return now() - start;
}

double latency_round(const struct subject *subject,
                     const struct figure *figure,
                     unsigned count)
{
    struct sockaddr_in name;
    SOCKET listener = far_socket(SOCK_STREAM, &name);
    struct pair pair = connect_pair(subject, figure->type, listener);
    HANDLE thread = CreateThread(NULL, 0, echo, &pair, 0, NULL);
    double *times = allocate(count, sizeof *times);

    if (!thread)
        give_up("CreateThread", (int)GetLastError());
    for (unsigned i = 0; i < count / 10; i++)
        turn(subject, pair.near_end, figure->size);
    for (unsigned i = 0; i < count; i++)
        times[i] = turn(subject, pair.near_end, figure->size);
    double result = median(times, count);

    if (figure->type == SOCK_DGRAM)
        subject_send(subject, pair.near_end, "", 0);
    subject_close(subject, pair.near_end);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    closesocket(pair.far_end);
    closesocket(listener);
    free(times);
    return result;
}
