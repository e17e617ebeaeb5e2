#include "catalogue_function.h"

#include "catalogue.h"
#include "error_name.h"
#include "trace.h"

static int refuse(LPINT lpErrno, int error, const char *what)
{
    trace_line("%s -> failure, %s (%d)", what, error_name(error), error);
    if (lpErrno)
        *lpErrno = error;
    return SOCKET_ERROR;
}

/* `protocols` ends with 0; without it every protocol is wanted. */
static bool is_wanted(const WSAPROTOCOL_INFOW *info, const int *protocols)
{
    if (!protocols)
        return true;
    for (; *protocols; ++protocols)
        if (*protocols == info->iProtocol)
            return true;
    return false;
}

int WSPAPI catalogue_enum_protocols(LPINT lpiProtocols,
                                    LPWSAPROTOCOL_INFOW lpProtocolBuffer,
                                    LPDWORD lpdwBufferLength,
                                    LPINT lpErrno)
{
    size_t count;
    const WSAPROTOCOL_INFOW *entries = catalogue_entries(&count);
    DWORD needed = 0, room;
    int wanted = 0;

    if (!lpdwBufferLength)
        return refuse(lpErrno, WSAEFAULT, "WSCEnumProtocols");
    for (size_t i = 0; i < count; ++i)
        needed += is_wanted(&entries[i], lpiProtocols) ? sizeof *entries : 0;
    room = *lpdwBufferLength;
    *lpdwBufferLength = needed;
    if (room < needed)
        return refuse(lpErrno, WSAENOBUFS, "WSCEnumProtocols");
    if (needed && !lpProtocolBuffer)
        return refuse(lpErrno, WSAEFAULT, "WSCEnumProtocols");
    for (size_t i = 0; i < count; ++i)
        if (is_wanted(&entries[i], lpiProtocols))
            lpProtocolBuffer[wanted++] = entries[i];
    trace_line("WSCEnumProtocols() -> %d", wanted);
    return wanted;
}

int WSPAPI catalogue_get_provider_path(LPGUID lpProviderId,
                                       WCHAR *lpszProviderDllPath,
                                       LPINT lpProviderDllPathLen,
                                       LPINT lpErrno)
{
    int error =
        catalogue_copy_path(lpProviderId, lpszProviderDllPath, lpProviderDllPathLen);

    if (error)
        return refuse(lpErrno, error, "WSCGetProviderPath");
    trace_line("WSCGetProviderPath() -> %ls", lpszProviderDllPath);
    return 0;
}
