// The clean image: a gallery and the image's definition; image.bicep bakes its versions. Each session names an exact
// version, so that what a desktop was made of can be told years later.

import { tagsType } from '../types.bicep'

@description('Region.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the gallery: letters, digits, dots and underscores.')
@minLength(1)
@maxLength(80)
param galleryName string

resource gallery 'Microsoft.Compute/galleries@2026-03-03' = {
  name: galleryName
  location: location
  tags: tags
  properties: {
    description: 'Clean images of forensic desktops.'
  }
}

resource definition 'Microsoft.Compute/galleries/images@2026-03-03' = {
  parent: gallery
  name: 'forensic-desktop'
  location: location
  tags: tags
  properties: {
    description: 'Windows 11 with the desktop agents, the recorder and the session policies; nothing else.'
    osType: 'Windows'
    osState: 'Generalized'
    hyperVGeneration: 'V2'
    architecture: 'x64'
    identifier: { publisher: 'Notary', offer: 'forensics', sku: 'desktop' }
    // Image Builder makes no versions of an image that is TrustedLaunch only.
    features: [{ name: 'SecurityType', value: 'TrustedLaunchSupported' }]
  }
}

@description('Id of the image\'s definition; a version\'s id is this and /versions/<number>.')
output definitionId string = definition.id
