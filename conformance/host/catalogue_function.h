/* What takes the place of functions of ws2_32 that read the system's catalogue. */
#ifndef WSPCHECK_CATALOGUE_FUNCTION_H
#define WSPCHECK_CATALOGUE_FUNCTION_H

#include "win.h"

/* WSCEnumProtocols of the host's catalogue, and WSCEnumProtocols32. */
int WSPAPI catalogue_enum_protocols(LPINT lpiProtocols,
                                    LPWSAPROTOCOL_INFOW lpProtocolBuffer,
                                    LPDWORD lpdwBufferLength,
                                    LPINT lpErrno);

/* WSCGetProviderPath of the host's catalogue, and WSCGetProviderPath32. */
int WSPAPI catalogue_get_provider_path(LPGUID lpProviderId,
                                       WCHAR *lpszProviderDllPath,
                                       LPINT lpProviderDllPathLen,
                                       LPINT lpErrno);

#endif
