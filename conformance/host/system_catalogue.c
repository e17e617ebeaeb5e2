#include "system_catalogue.h"

#include <stdlib.h>

#define PATH_LENGTH 1024

static void find_path(const GUID *provider, wchar_t *path)
{
    wchar_t written[PATH_LENGTH] = L"";
    int length = PATH_LENGTH, error = 0;
    DWORD expanded;

    *path = L'\0';
    if (WSCGetProviderPath((GUID *)provider, written, &length, &error) != 0)
        return;
    expanded = ExpandEnvironmentStringsW(written, path, PATH_LENGTH);
    if (!expanded || expanded > PATH_LENGTH)
        *path = L'\0';
}

/* The list, to be freed; `count` becomes SOCKET_ERROR if there is an error. */
static WSAPROTOCOL_INFOW *entries(int *count, int *error)
{
    WSAPROTOCOL_INFOW *list = NULL;
    DWORD size = 0;

    /* Again and again: somebody may install a provider between two calls. */
    while ((*count = WSCEnumProtocols(NULL, list, &size, error)) == SOCKET_ERROR) {
        WSAPROTOCOL_INFOW *grown = *error == WSAENOBUFS ? realloc(list, size) : NULL;

        if (!grown)
            break;
        list = grown;
    }
    return list;
}

bool system_catalogue_each(system_entry found, struct text *why)
{
    wchar_t path[PATH_LENGTH];
    int count, error = 0;
    WSAPROTOCOL_INFOW *list = entries(&count, &error);

    for (int i = 0; i < count; ++i) {
        find_path(&list[i].ProviderId, path);
        found(&list[i], path);
    }
    free(list);
    if (count == SOCKET_ERROR)
        text_add(why, "WSCEnumProtocols fails with %d", error);
    return count != SOCKET_ERROR;
}
