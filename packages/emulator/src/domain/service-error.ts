/**
 * An answer of the service that is an error, in the shape that users of the service posted.
 *
 * The codes are the documented ones. Which of them the service gives for which mistake is documented for few
 * mistakes only; for the others the nearest by its name is taken here.
 */
export class ServiceError extends Error {
  readonly status: number
  readonly code: string
  /** The parameter that is wrong, where it is one. */
  readonly field: string | undefined

  constructor(status: number, code: string, message: string, field?: string) {
    super(message)
    this.status = status
    this.code = code
    this.field = field
  }

  toJSON(): { code: string; message: string; requestId: null } {
    return { code: this.code, message: this.message, requestId: null }
  }
}

export function missing(name: string): ServiceError {
  return new ServiceError(400, 'InvalidParameterMissing', `The input parameter ${name} is missing.`, name)
}

export function empty(name: string): ServiceError {
  return new ServiceError(400, 'InvalidParameterEmpty', `The input parameter ${name} is empty.`, name)
}

export function notValid(name: string, why: string): ServiceError {
  return new ServiceError(400, 'InvalidParameter', `The input parameter ${name} is not valid: ${why}.`)
}

export function wrongFormat(name: string, why: string): ServiceError {
  return new ServiceError(
    400,
    'InvalidParameterWrongFormat',
    `The input parameter ${name} has a wrong format: ${why}.`,
    name,
  )
}

export function notMatch(name: string, why: string): ServiceError {
  return new ServiceError(
    400,
    'InvalidParameterNotMatch',
    `The input parameter ${name} does not match: ${why}.`,
    name,
  )
}

export function notSupported(name: string, why: string): ServiceError {
  return new ServiceError(
    400,
    'InvalidParameterNotSupported',
    `The input parameter ${name} is not supported: ${why}.`,
  )
}

export function outOfRange(name: string, why: string): ServiceError {
  return new ServiceError(
    400,
    'InvalidParameterOutOfRange',
    `The input parameter ${name} is out of range: ${why}.`,
  )
}

export function expired(name: string, why: string): ServiceError {
  return new ServiceError(400, 'InvalidParameterExpired', `The input parameter ${name} has expired: ${why}.`)
}

/** For an application that the domain does not have. Code and message were posted by users. */
export function unknownClient(): ServiceError {
  const message = 'The input parameter client_id is not valid. '
  return new ServiceError(400, 'InvalidParameter.ClientId', message, 'client_id')
}

/** For a refresh token that is unknown, spent or expired. Code and message were posted by users. */
export function invalidRefreshToken(): ServiceError {
  return new ServiceError(
    400,
    'InvalidParameter.RefreshToken',
    'The input parameter refresh_token is not valid. ',
  )
}

/** For an access token that is unknown, expired, or replaced by a refresh. */
export function invalidAccessToken(): ServiceError {
  return new ServiceError(401, 'AccessTokenInvalid', 'The access token is not valid.')
}

/** For a body that is larger than what is read. The vendor does not say how the service answers. */
export function tooLarge(): ServiceError {
  return new ServiceError(413, 'InvalidParameterOutOfRange', 'The request body is larger than 1 MB.')
}
